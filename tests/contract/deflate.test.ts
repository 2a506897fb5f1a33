import { webDeflate } from '../../src/platform/deflate';
import type { Deflate } from '../../src/ports';
import { deflateContract } from './deflate.suite';

deflateContract('streams of Node', webDeflate() as Deflate);
