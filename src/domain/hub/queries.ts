/** What the Hub answers. */
import { feed } from './feed';
import { badge, inbox } from './inbox';

export const queries = { feed, inbox, badge };
