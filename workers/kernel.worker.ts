/** The worker of a tab: serves its page from the kernel of the profile, here or in the leading tab. */
import { boot } from './boot';
import { serveTab, type TabScope } from './serve';

serveTab(globalThis as unknown as TabScope, boot);
