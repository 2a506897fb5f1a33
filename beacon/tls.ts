/**
 * Certificates. Either the operator's files, read again when they change, or an authority made on this machine, which
 * signs a certificate for every name and address that this machine has now. Browsers give no storage, keys or workers
 * to an address without one, `localhost` apart.
 *
 * Rules. TL1: keys stay in the vault (mode 0600). TL2: the authority is kept as long as it lives, because people
 * installed it by hand; the certificate is renewed 30 days before its end, and when the addresses change.
 */
import './metadata';
import { createHash, X509Certificate as NodeCertificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { fromUtf8, utf8 } from '../src/base/bytes';
import type { Vault } from '../src/ports';

/** Loaded when it is first needed, and so after its metadata functions are there. */
const loadX509 = () => import('@peculiar/x509');

const DAY_MS = 86_400_000;
const AUTHORITY_DAYS = 3650;
/** Apple's limit is 398. */
const CERTIFICATE_DAYS = 365;
const RENEW_BEFORE_DAYS = 30;
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** PEM texts; `certificate` may be a chain. */
export type Identity = { readonly certificate: string; readonly key: string };

export type TlsSource = {
  /** The certificate to use now. Cheap to call again: a new one is made only when it is due. */
  current(): Promise<Identity>;
  /** The authority to install, PEM; absent with the operator's own certificate. */
  readonly authority?: string;
};

/** Addresses of this machine that other machines can use, without link-local ones. */
export const machineAddresses = (): readonly string[] =>
  Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ internal, address }) => !internal && !address.toLowerCase().startsWith('fe80'))
    .map(({ address }) => address);

/** Throws an error with a sentence where a file cannot be read or the two do not fit together. */
export const tlsFromFiles = (certificateFile: string, keyFile: string): TlsSource => ({
  current: async () => {
    const [certificate, key] = await Promise.all([
      readText(certificateFile, 'LGOS_TLS_CERT'),
      readText(keyFile, 'LGOS_TLS_KEY'),
    ]);
    return { certificate, key };
  },
});

const readText = async (file: string, variable: string): Promise<string> => {
  try {
    return await readFile(file, 'utf8');
  } catch (fault) {
    throw new Error(`The file of ${variable}, ${file}, cannot be read: ${(fault as Error).message}.`, { cause: fault });
  }
};

type Stored = Identity & { readonly names: readonly string[] };

/** `names` gives the machine's names and addresses of this moment; `now` wall time in ms. */
export const tlsFromOwnAuthority = async (
  vault: Vault,
  names: () => readonly string[],
  now: () => number,
): Promise<TlsSource> => {
  const authority = await authorityIn(vault, now());
  const current = async (): Promise<Identity> => {
    const wanted = [...new Set(['localhost', '127.0.0.1', '::1', ...names()])].sort();
    const kept = await stored(vault, 'tls-certificate');
    if (kept && isGood(kept, authority, wanted, now())) return kept;
    const made = await certificateBy(authority, wanted, now());
    await vault.put('tls-certificate', utf8(JSON.stringify(made)));
    return made;
  };
  return { current, authority: authority.certificate };
};

/** SHA-256 of a certificate, as browsers show it. */
export const fingerprintOf = (pem: string): string =>
  (createHash('sha256').update(new NodeCertificate(pem).raw).digest('hex').toUpperCase().match(/../g) ?? []).join(':');

const stored = async (vault: Vault, name: string): Promise<Stored | undefined> => {
  const bytes = await vault.get(name);
  return bytes && (JSON.parse(fromUtf8(bytes)) as Stored);
};

const endsAfter = (certificate: string, moment: number): boolean =>
  Date.parse(new NodeCertificate(certificate).validTo) > moment;

const isGood = (kept: Stored, authority: Identity, wanted: readonly string[], now: number): boolean =>
  endsAfter(kept.certificate, now + RENEW_BEFORE_DAYS * DAY_MS) &&
  Date.parse(new NodeCertificate(kept.certificate).validFrom) <= now &&
  wanted.every((name) => kept.names.includes(name)) &&
  new NodeCertificate(kept.certificate).checkIssued(new NodeCertificate(authority.certificate));

const authorityIn = async (vault: Vault, now: number): Promise<Identity> => {
  const kept = await stored(vault, 'tls-authority');
  if (kept && endsAfter(kept.certificate, now + CERTIFICATE_DAYS * DAY_MS)) return kept;
  const x509 = await loadX509();
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [`LGOS authority of this machine ${crypto.randomUUID().slice(0, 8)}`] }],
    ...validity(now, AUTHORITY_DAYS),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const made: Stored = { certificate: certificate.toString('pem'), key: await keyText(keys.privateKey), names: [] };
  await vault.put('tls-authority', utf8(JSON.stringify(made)));
  return made;
};

const certificateBy = async (authority: Identity, names: readonly string[], now: number): Promise<Stored> => {
  const x509 = await loadX509();
  const issuer = new x509.X509Certificate(authority.certificate);
  const signingKey = await crypto.subtle.importKey(
    'pkcs8',
    x509.PemConverter.decodeFirst(authority.key),
    ALGORITHM,
    false,
    ['sign'],
  );
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.create({
    subject: [{ CN: ['LGOS'] }],
    issuer: issuer.subjectName,
    ...validity(now, CERTIFICATE_DAYS),
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey,
    extensions: [
      new x509.SubjectAlternativeNameExtension(
        names.map((value) => ({ type: isIP(value) ? ('ip' as const) : ('dns' as const), value })),
      ),
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  });
  return { certificate: certificate.toString('pem'), key: await keyText(keys.privateKey), names };
};

/** From a day ago, for neighbours whose clocks are behind. */
const validity = (now: number, days: number) => ({
  notBefore: new Date(now - DAY_MS),
  notAfter: new Date(now + days * DAY_MS),
});

const newKeys = async (): Promise<CryptoKeyPair> =>
  (await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])) as CryptoKeyPair;

const keyText = async (key: CryptoKey): Promise<string> => {
  const { PemConverter } = await loadX509();
  return PemConverter.encode(await crypto.subtle.exportKey('pkcs8', key), PemConverter.PrivateKeyTag);
};
