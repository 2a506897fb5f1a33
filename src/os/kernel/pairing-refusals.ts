/** Why two devices do not connect without a server, said so that a person knows what to do next. */
import { refusal } from '../schema/define';

const NOTHING = 'Nothing was changed.';

export const notOne = refusal(
  'notPairing',
  'This is not a text for connecting without a server.',
  NOTHING,
  'Copy all of what the other device shows: it begins with lgos-pair.',
);
export const other = refusal(
  'pairingVersion',
  'This text was made by another version of LGOS.',
  NOTHING,
  'Bring both devices to the same version.',
);
export const unknown = refusal(
  'pairingUnknown',
  'This text is for a space that this device does not have, or it was changed on the way.',
  NOTHING,
  'Choose a space that both devices have, and copy the whole text again.',
);
export const late = refusal(
  'pairingLate',
  'This text is older than ten minutes, or the clock of one of the devices is wrong.',
  NOTHING,
  'Begin again on the first device.',
);
export const own = refusal(
  'pairingOwn',
  'This text was made on this very device.',
  NOTHING,
  'Open it on the other one.',
);
export const notAsked = refusal(
  'pairingNotAsked',
  'This is an answer to something that this device does not offer any more.',
  NOTHING,
  'Begin again, and leave the window open until the answer is here.',
);
export const stranger = refusal(
  'pairingStranger',
  'The device that made this text is not in the space.',
  NOTHING,
  'Invite its person first.',
);
export const noSuchSpace = refusal(
  'notFound',
  'This device does not hold that space.',
  NOTHING,
  'Choose a space that both devices have.',
);
export const noDirect = refusal(
  'noDirect',
  'This page makes no direct connections.',
  NOTHING,
  'Open it without links=relay, in a browser that has WebRTC.',
);
export const offline = refusal('offline', 'You work offline.', NOTHING, 'Go online first; no internet is needed.');
