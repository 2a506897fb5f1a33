/** Fixed people, keys and chance, from which all vectors are made. None of these keys protects anything. */
import { fromHex, toHex, utf8 } from '../../src/base/bytes';
import { hash } from '../../src/base/hash';
import type { Certificate } from '../../src/os/rights/acl';
import type { Crypto, Random, RootPair } from '../../src/ports';
import { hlcOf } from '../../src/vm/op/clock';
import {
  contentShardOf,
  type DeviceId,
  epochIdOf,
  logIdOf,
  nodeIdOf,
  outlineShardOf,
  spaceIdOf,
  userIdOf,
} from '../../src/vm/op/ids';

/** 32 bytes that depend on their name only. */
export const bytesOf = (name: string): Uint8Array<ArrayBuffer> => hash('lgos/vectors', utf8(name));

/** Gives the same bytes in the same order each time it is made. */
export const fixedRandom = (name: string): Random => {
  let drawn = 0;
  return {
    bytes: (length) => {
      const out = new Uint8Array(length);
      for (let at = 0; at < length; at += 32) out.set(bytesOf(`${name}/${drawn++}`).subarray(0, length - at), at);
      return out;
    },
  };
};

/** A SEA pair made once; its signature below cannot be made again alike, because ECDSA draws a number. */
export const ROOT: RootPair = {
  pub: 'FGBnM2G6QGgwhqbBtAtJBJJ4ogHmIEmN8j0AeEJeyyE.rRjG487duVTa1XXxiSrnqPWElLQbhodxWCr6UzCacTY',
  priv: 'RbQH7MoydF7My_6Vo6hpSlwLjf-c15PIloj1XMq0tWw',
  epub: '6vzy3UlpUn--Cg_42czibsWFs9wrGOWqh9Wz5int63E.vNOZCiQ6egGfV-J8BuXGb5St8KQnowIQM-4PnPJaR3I',
  epriv: 'Pr1gygJ255munoN0HVzgvkwzOH-rHpUKT8J4aQNGrNo',
};
const CERTIFICATE_SIGNATURE =
  '66e96c676e910a90f28a94a9b75deaf8d6861130277e8eeee17429adfd586b7af98a6d29ed592552d857fa7c7ddab8e75eb3723b2d95533abcd76e8121f15a33';

export const NOW = 1_790_000_000_000;

export const makeWorld = async (crypto: Crypto) => {
  const device = await crypto.signingKey(bytesOf('device'));
  const keyring = await crypto.agreementKey(bytesOf('keyring'));
  const deviceId = toHex(device.publicKey) as DeviceId;
  const userNonce = bytesOf('user nonce');
  const user = userIdOf(ROOT.pub, userNonce);
  const other = userIdOf(ROOT.pub, bytesOf('other nonce'));
  const spaceNonce = bytesOf('space nonce');
  const space = spaceIdOf(user, deviceId, 'team', spaceNonce);
  const epochKey = bytesOf('epoch key');
  const epochNonce = bytesOf('epoch nonce').slice(0, 16);
  const node = nodeIdOf(space, deviceId, 0, 7);
  const certificate: Certificate = {
    user,
    rootPub: ROOT.pub,
    userNonce,
    device: deviceId,
    keyring: keyring.publicKey,
    createdAt: NOW,
    signature: fromHex(CERTIFICATE_SIGNATURE),
  };
  return {
    device,
    deviceId,
    keyring,
    userNonce,
    user,
    other,
    spaceNonce,
    space,
    epochKey,
    epochNonce,
    epoch: epochIdOf(space, epochKey, epochNonce),
    node,
    shard: contentShardOf(space, node),
    outline: outlineShardOf(space),
    log: logIdOf(space, contentShardOf(space, node), deviceId, 0),
    hlc: hlcOf(NOW, 3),
    certificate,
    roomKey: bytesOf('room key'),
    secret: bytesOf('invite secret').slice(0, 20),
  };
};
export type World = Awaited<ReturnType<typeof makeWorld>>;
