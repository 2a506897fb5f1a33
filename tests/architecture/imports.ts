/**
 * Which module names which: every import, re-export, `import()`, `import('x').T`, `require` and worker address
 * (`new URL('x', import.meta.url)`) of a TypeScript source, read from its syntax tree. Pure.
 */
import { posix } from 'node:path';
import { parseSync } from 'vite';

export type Source = { readonly path: string; readonly text: string };
/** `target`: a path without its ending (`src/base/bytes`) where `isPackage` is false, a package's name otherwise. */
export type Edge = {
  readonly from: string;
  readonly target: string;
  readonly isPackage: boolean;
  readonly typeOnly: boolean;
};
export type Tree = { readonly type: string; readonly [key: string]: unknown };

const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';

/** Throws on a file that does not parse: an unread file would pass every rule. */
export const parse = ({ path, text }: Source): Tree => {
  const { program, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message}`);
  return program as unknown as Tree;
};

/** Every node of the tree, each with the node it lies in. */
export const walk = (tree: Tree, visit: (node: Tree, parent: Tree | undefined) => void, parent?: Tree): void => {
  visit(tree, parent);
  for (const value of Object.values(tree)) {
    for (const child of Array.isArray(value) ? value : [value]) if (isTree(child)) walk(child, visit, tree);
  }
};

const textOf = (node: unknown): string | undefined => {
  if (!isTree(node)) return undefined;
  if (node.type === 'Literal') return typeof node.value === 'string' ? node.value : undefined;
  if (node.type === 'TSLiteralType') return textOf(node.literal);
  if (node.type !== 'TemplateLiteral' || (node.expressions as unknown[]).length > 0) return undefined;
  const quasi = (node.quasis as { value: { cooked: string } }[])[0];
  return quasi?.value.cooked;
};
const isName = (node: unknown, name: string): boolean =>
  isTree(node) && node.type === 'Identifier' && node.name === name;

const namesOnlyTypes = (node: Tree): boolean => {
  if (node.importKind === 'type' || node.exportKind === 'type') return true;
  const specifiers = (node.specifiers as Tree[] | undefined) ?? [];
  return specifiers.length > 0 && specifiers.every((each) => (each.importKind ?? each.exportKind) === 'type');
};

type Named = { readonly specifier: string | undefined; readonly typeOnly: boolean };
const namedBy = (node: Tree): Named | undefined => {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportAllDeclaration':
    case 'ExportNamedDeclaration':
      return isTree(node.source) ? { specifier: textOf(node.source), typeOnly: namesOnlyTypes(node) } : undefined;
    case 'ImportExpression':
      return { specifier: textOf(node.source), typeOnly: false };
    case 'TSImportType':
      return { specifier: textOf(node.source ?? node.argument), typeOnly: true };
    case 'TSExternalModuleReference':
      return { specifier: textOf(node.expression), typeOnly: false };
    case 'CallExpression':
      return isName(node.callee, 'require')
        ? { specifier: textOf((node.arguments as unknown[])[0]), typeOnly: false }
        : undefined;
    case 'NewExpression': {
      const [address, base] = node.arguments as Tree[];
      if (!isName(node.callee, 'URL') || base?.type !== 'MemberExpression') return undefined;
      if ((base.object as Tree).type !== 'MetaProperty') return undefined;
      const specifier = textOf(address);
      return specifier && /\.[cm]?[jt]sx?(\?.*)?$/.test(specifier) ? { specifier, typeOnly: false } : undefined;
    }
    default:
      return undefined;
  }
};

const packageOf = (specifier: string): string => {
  if (/^(node|virtual):/.test(specifier)) return specifier;
  const parts = specifier.split('/');
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? specifier);
};

/** The edges of one file. An address that is computed gives the target `?`, which no rule allows. */
export const edgesOf = (source: Source): Edge[] => {
  const edges: Edge[] = [];
  walk(parse(source), (node) => {
    const named = namedBy(node);
    if (!named) return;
    const specifier = named.specifier?.replace(/\?.*$/, '');
    const isPackage = specifier === undefined || !/^\.{0,2}\//.test(specifier);
    const target = isPackage
      ? packageOf(specifier ?? '?')
      : posix
          .join(specifier.startsWith('/') ? '.' : posix.dirname(source.path), specifier)
          .replace(/\.[cm]?[jt]sx?$/, '');
    edges.push({ from: source.path.replace(/\.[cm]?[jt]sx?$/, ''), target, isPackage, typeOnly: named.typeOnly });
  });
  return edges;
};
