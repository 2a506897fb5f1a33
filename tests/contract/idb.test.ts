import 'fake-indexeddb/auto';
import { idbSuites } from './idb.suite';

idbSuites();
