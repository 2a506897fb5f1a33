/**
 * The few functions of `reflect-metadata` that @peculiar/x509 asks for when it is loaded. Import this before it.
 * Nothing of ours reads them.
 */
type Key = string | symbol | undefined;

const valuesByTarget = new WeakMap<object, Map<string, unknown>>();
const nameOf = (key: unknown, property: Key): string => `${String(key)}/${String(property)}`;
const read = (key: unknown, target: object, property?: Key): unknown =>
  valuesByTarget.get(target)?.get(nameOf(key, property));
const write = (key: unknown, value: unknown, target: object, property?: Key): void => {
  const values = valuesByTarget.get(target) ?? new Map<string, unknown>();
  valuesByTarget.set(target, values.set(nameOf(key, property), value));
};

if (!('getMetadata' in Reflect)) {
  Object.assign(Reflect, {
    getMetadata: read,
    getOwnMetadata: read,
    hasMetadata: (key: unknown, target: object, property?: Key) => read(key, target, property) !== undefined,
    hasOwnMetadata: (key: unknown, target: object, property?: Key) => read(key, target, property) !== undefined,
    defineMetadata: write,
    metadata: (key: unknown, value: unknown) => (target: object, property?: Key) => write(key, value, target, property),
  });
}
