/** Why a space is not exported, or a bundle not taken in: what happened, what is safe, what to do. */
import type { Refusal } from '../../bridge/messages';
import type { BundleError } from '../../vm/journal/bundle';
import type { KeysError } from '../rights/bundle-keys';
import { refusal } from '../schema/define';

type Why =
  | BundleError['type']
  | KeysError['type']
  | 'badArguments'
  | 'busy'
  | 'stopped'
  | 'exportEnded'
  | 'importBusy'
  | 'importStopped'
  | 'mergeStopped'
  | 'partial'
  | 'noKeyHere'
  | 'notSound'
  | 'fromLater'
  | 'noKey'
  | 'notWritten'
  | 'noRoom';

const NOTHING_KEPT = 'Nothing of the file was kept.';
const UNTOUCHED = 'The space is untouched.';
const DAMAGED = [
  'The file ends too early, or bytes of it were changed.',
  NOTHING_KEPT,
  'Copy it again from where it was made.',
] as const;
const WHY: Readonly<Record<Why, readonly [message: string, safe: string, next: string]>> = {
  badArguments: ['A file of keys is open, has none, or has a passphrase.', UNTOUCHED, 'Choose one of them.'],
  busy: ['A space is being exported already.', UNTOUCHED, 'Wait until it is done, or stop it.'],
  stopped: ['The export was stopped.', UNTOUCHED, 'Begin it again when you like.'],
  exportEnded: ['That export has ended.', UNTOUCHED, 'Begin it again.'],
  importBusy: ['A file is being brought in already.', NOTHING_KEPT, 'Wait until it is done, or stop it.'],
  importStopped: ['Bringing the file in was stopped.', NOTHING_KEPT, 'Begin again when you like.'],
  mergeStopped: [
    'Bringing the file in was stopped.',
    'What had come so far is kept in the space: each change stands for itself.',
    'Bring the file in again for the rest.',
  ],
  partial: [
    'The text of some documents lies on other devices alone, and nobody who holds it answers now.',
    UNTOUCHED,
    'Try again when a beacon or another device that holds it can be reached.',
  ],
  noKeyHere: ['This device holds no key of that space.', UNTOUCHED, 'Export it without keys, or on another device.'],
  tooLarge: ['The space is larger than one file may be (1 GB).', UNTOUCHED, 'Use a beacon for it.'],
  notOne: [
    'This is not a file of a space that LifeGraph OS exported.',
    NOTHING_KEPT,
    'Choose the .zip of an export, or the journal.lgos in it.',
  ],
  later: ['This file is of a later version of LifeGraph OS.', NOTHING_KEPT, 'Update LifeGraph OS first.'],
  cut: DAMAGED,
  damaged: DAMAGED,
  needsPassphrase: ['The keys in this file are under a passphrase.', NOTHING_KEPT, 'Type the passphrase of the file.'],
  wrongPassphrase: [
    'The passphrase does not open the keys in this file.',
    NOTHING_KEPT,
    'Type the one that was chosen when it was made.',
  ],
  notSound: [
    'The file holds something that the space does not allow, or that nobody of it signed.',
    NOTHING_KEPT,
    'Do not trust it. Ask for another copy.',
  ],
  fromLater: [
    'The file holds changes from the future: the clock of this device is behind.',
    NOTHING_KEPT,
    'Set the clock and try again.',
  ],
  noKey: [
    'This file holds no key, and you are not in its space: nothing of it can be read.',
    NOTHING_KEPT,
    'Ask for a file with keys, or become the person who is in the space (Settings, Keys).',
  ],
  notWritten: ['This device could not write what the file holds.', NOTHING_KEPT, 'Reload the page and try again.'],
  noRoom: ['There is no room on this device for what the file holds.', NOTHING_KEPT, 'Free some space and try again.'],
};

export const bundleRefusal = (why: Why): Refusal => refusal(why, ...WHY[why]);
