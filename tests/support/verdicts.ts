/** In the page of any browser: what its WebCrypto makes of the golden vectors, as one report to where the page came from. */
import { fromHex } from '../../src/base/bytes';
import { webCrypto } from '../../src/platform/webcrypto';
import { computeVectors } from '../vectors/compute';
import ed25519 from '../vectors/ed25519.json';

const report = async (): Promise<unknown> => {
  const crypto = webCrypto();
  const accepted = [];
  for (const { publicKey, message, signature } of ed25519)
    accepted.push(await crypto.verify(fromHex(publicKey), fromHex(message), fromHex(signature)));
  return { agent: navigator.userAgent, accepted, computed: await computeVectors(crypto) };
};

const post = (body: unknown) => fetch('/report', { method: 'POST', body: JSON.stringify(body) });
report().then(post, (fault: unknown) =>
  post({ agent: navigator.userAgent, fault: String((fault as Error)?.stack ?? fault) }),
);
