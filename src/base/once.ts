/**
 * What follows from an object alone, made once for as long as the object is there: the keys that are derived from another key, say.
 * Only of objects that nobody changes.
 */
export const onceOf = <K extends object, V>(make: (of: K) => V): ((of: K) => V) => {
  const made = new WeakMap<K, { readonly value: V }>();
  return (of) => {
    const known = made.get(of);
    if (known) return known.value;
    const value = make(of);
    made.set(of, { value });
    return value;
  };
};
