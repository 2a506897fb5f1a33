/** The IndexedDB suites on the real thing. */
import { idbSuites } from '../contract/idb.suite';

idbSuites();
