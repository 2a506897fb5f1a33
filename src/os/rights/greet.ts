/**
 * What somebody who is not known on a link yet says to be given the rights log of a space: "I hold an invite", or "I am a
 * new device of a person in it". Both are bound to the link: the proof by its nonces, the certificate by the device that
 * the handshake proved.
 */
import { fixed, hexId, oneOf, record, tagged, u16, type ValueOf } from '../../base/codec';
import { inviteIdCodec } from '../../vm/op/ids';
import { certificateCodec } from './acl';

/** `index`: the sender's for the space on this link; `salted`: which space. */
const address = { index: u16, salted: hexId<string>(16) };
export const greetCodec = tagged({
  invite: [1, record({ ...address, invite: inviteIdCodec, proof: fixed(64) })],
  device: [2, record({ ...address, certificate: certificateCodec })],
  /** Back to whoever proved that they hold an invite: why it opens nothing. */
  refused: [3, record({ ...address, reason: oneOf('revoked') })],
});
export type Answered = Extract<ValueOf<typeof greetCodec>, { type: 'refused' }>;
export type Greet = Exclude<ValueOf<typeof greetCodec>, Answered>;
