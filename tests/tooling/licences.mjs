/**
 * `node tests/tooling/licences.mjs`: writes docs/licences.md, the licences of all packages in the lock file. Packages that
 * come to people (with the page or the beacon) are listed one by one, those for building and testing counted.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';

const at = (path) => new URL(`../../${path}`, import.meta.url);
const NAME = /^.*node_modules\//;

/** Markdown from the text of a package-lock.json. Pure. */
export const licencesText = (lock) => {
  const packages = Object.entries(JSON.parse(lock).packages).filter(([path]) => path !== '');
  const named = packages.map(([path, { version, license = 'not stated', dev = false }]) => ({
    name: path.replace(NAME, ''),
    version,
    license,
    dev,
  }));
  const rows = named
    .filter(({ dev }) => !dev)
    .map(({ name, version, license }) => `| ${name} | ${version} | ${license} |`);
  const counts = new Map();
  for (const { license } of named.filter(({ dev }) => dev)) counts.set(license, (counts.get(license) ?? 0) + 1);
  return [
    '# Licences of third parties',
    '',
    'Written by `node tests/tooling/licences.mjs` from the lock file. Fonts: Inter and JetBrains Mono, SIL Open Font License 1.1; their texts lie beside them in `public/fonts`.',
    '',
    '## In the page or the beacon',
    '',
    '| package | version | licence |',
    '| --- | --- | --- |',
    ...[...new Set(rows)].sort(),
    '',
    '## Only for building and testing',
    '',
    '| licence | packages |',
    '| --- | --- |',
    ...[...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([license, count]) => `| ${license} | ${count} |`),
    '',
  ].join('\n');
};

export const currentLicences = () => licencesText(readFileSync(at('package-lock.json'), 'utf8'));

if (argv[1] === fileURLToPath(import.meta.url)) writeFileSync(at('docs/licences.md'), currentLicences());
