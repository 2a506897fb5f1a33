/** Text and links for the clipboard of the person; where the browser forbids it, that is said. */

import { linkTo } from './address';
import { t } from './i18n';
import { showNotice } from './Toasts';

/** Whether it is there now. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    showNotice(t('copy.failed'));
    return false;
  }
}

/** The link to a place of this page, as others open it. */
export async function copyLink(path: string): Promise<void> {
  if (await copyText(linkTo(path))) showNotice(t('copyLink.done'));
}
