/** What the pure rooms may not reach for: clocks, chance, timers, the console, the global object. Pure. */
import { parse, type Source, type Tree, walk } from './imports';

export const PURE = /^src\/(base\/|ports\.ts$|vm\/|os\/|domain\/)/;

const GLOBALS = new Set([
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'requestAnimationFrame',
  'performance',
  'console',
  'globalThis',
  'eval',
]);
/** Members of what is otherwise allowed. */
const MEMBERS = new Map([
  ['Date', new Set(['now'])],
  ['Math', new Set(['random'])],
]);

const nameOf = (node: unknown): string | undefined =>
  (node as Tree | undefined)?.type === 'Identifier' ? ((node as Tree).name as string) : undefined;
const memberOf = (node: Tree): string | undefined =>
  node.computed ? ((node.property as Tree).value as string | undefined) : nameOf(node.property);
/** A name that only labels a member: `a.console`, `{ console: 1 }`, `{ console(): void }`. */
const isLabel = (node: Tree, parent: Tree | undefined): boolean =>
  parent !== undefined && !parent.computed && !parent.shorthand && (parent.property === node || parent.key === node);

const bannedIn = (node: Tree, parent: Tree | undefined): string | undefined => {
  if (node.type === 'MetaProperty') return 'import.meta';
  if (node.type === 'MemberExpression') {
    const object = nameOf(node.object) ?? '';
    const member = memberOf(node) ?? '';
    return MEMBERS.get(object)?.has(member) ? `${object}.${member}` : undefined;
  }
  if (node.type === 'NewExpression' && nameOf(node.callee) === 'Date') {
    return (node.arguments as unknown[]).length === 0 ? 'new Date()' : undefined;
  }
  if (node.type === 'CallExpression' && nameOf(node.callee) === 'Date') return 'Date()';
  if (node.type === 'VariableDeclarator' && MEMBERS.has(nameOf(node.init) ?? '')) return `${nameOf(node.init)} renamed`;
  const name = nameOf(node);
  return name && GLOBALS.has(name) && !isLabel(node, parent) ? name : undefined;
};

/** One line for each banned use in a pure room: `path: use`. */
export const bannedUses = (files: readonly Source[]): string[] =>
  files
    .filter(({ path }) => PURE.test(path))
    .flatMap((file) => {
      const found: string[] = [];
      walk(parse(file), (node, parent) => {
        const use = bannedIn(node, parent);
        if (use) found.push(`${file.path}: ${use}`);
      });
      return found;
    });
