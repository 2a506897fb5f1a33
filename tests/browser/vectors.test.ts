/** The golden vectors and the signature acceptance cases on a real browser's engine. */
import { webCrypto } from '../../src/platform/webcrypto';
import { vectorSuite } from '../vectors/vectors.suite';

vectorSuite('WebCrypto in the browser', webCrypto());
