import { webDeflate } from '../../src/platform/deflate';
import type { Deflate } from '../../src/ports';
import { deflateContract } from '../contract/deflate.suite';

deflateContract('streams of a browser', webDeflate() as Deflate);
