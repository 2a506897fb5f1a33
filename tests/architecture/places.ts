/** What may lie at the top of the project and at the top of `src`. Pure. */

export const TOP = [
  ...[
    'beacon',
    'docs',
    'lab',
    'public',
    'signaling',
    'src',
    'tests',
    'wasm',
    'workers',
    '.ci',
    '.git',
    '.gitattributes',
    '.gitignore',
    '.npmrc',
  ],
  ...['README.md', 'LICENSE', 'package.json', 'package-lock.json'],
  ...['biome.json', 'tsconfig.json', 'tsconfig.pure.json', 'vite.config.ts'],
] as const;
export const TOP_OF_SRC = [
  ...['base', 'ports.ts', 'vm', 'os', 'bridge', 'domain', 'view', 'platform'],
  ...['main.tsx', 'node.ts', 'guard.ts', 'index.html'],
] as const;

/** Names that are neither allowed nor plainly ignored by git (`folder/` or a bare name in .gitignore). */
export const strangers = (names: readonly string[], allowed: readonly string[], gitignore: string): string[] => {
  const ignored = gitignore.split('\n').map((line) => line.trim().replace(/^\/|\/$/g, ''));
  return names.filter((name) => !allowed.includes(name) && !ignored.includes(name));
};
