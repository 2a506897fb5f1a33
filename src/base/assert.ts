/** States an invariant of ours. A failure is a bug of ours, never a fault of the input. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`Broken invariant: ${message}`);
}

/** Closes a switch over a union: a new case that nobody handles is a type error here. */
export function unreachable(value: never): never {
  throw new Error(`Broken invariant: unexpected case ${JSON.stringify(value)}`);
}
