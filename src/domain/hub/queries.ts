/** What the Hub answers. */
import { alerts } from './alerts';
import { digest } from './digest';
import { feed } from './feed';
import { badge, inbox } from './inbox';
import { muted } from './muted';
import { week } from './week';

export const queries = { feed, inbox, badge, digest, week, alerts, muted };
