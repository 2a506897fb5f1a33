/** The Crypto contract on a real browser's engine. */
import { webCrypto } from '../../src/platform/webcrypto';
import { cryptoContract } from '../contract/crypto.suite';

cryptoContract('WebCrypto in the browser', webCrypto());
