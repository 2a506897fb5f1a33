/** What the Hub answers. */
import { feed } from './feed';

export const queries = { feed };
