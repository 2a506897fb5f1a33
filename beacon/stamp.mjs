/**
 * The stamp of a build: a hash of everything that goes into it. `dist/stamp` holds the one of the build that lies there,
 * so that a second start builds nothing. Plain JavaScript that needs nothing installed.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { ROOT } from './install.mjs';

const SOURCES = ['src', 'lab', 'workers', 'public', 'beacon', 'signaling', 'wasm'];
const FILES = ['package.json', 'package-lock.json', 'tsconfig.json', 'vite.config.ts'];
export const STAMP = 'dist/stamp';

const filesUnder = (root, folder) => {
  let entries;
  try {
    entries = readdirSync(join(root, folder), { recursive: true, withFileTypes: true });
  } catch (fault) {
    if (fault.code === 'ENOENT') return [];
    throw fault;
  }
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath ?? entry.path, entry.name)
        .slice(root.length)
        .replace(/^[\\/]/, '')
        .replaceAll(sep, '/'),
    );
};

/** Hex SHA-256 over the names and contents of all sources, in order of name. */
export const sourceStamp = (root = ROOT) => {
  const hash = createHash('sha256');
  for (const path of [...SOURCES.flatMap((folder) => filesUnder(root, folder)), ...FILES].sort()) {
    const content = readFileSync(join(root, path));
    hash.update(`${path}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
};

export const isBuilt = (root = ROOT) => {
  try {
    return readFileSync(join(root, STAMP), 'utf8').trim() === sourceStamp(root);
  } catch (fault) {
    if (fault.code === 'ENOENT') return false;
    throw fault;
  }
};
