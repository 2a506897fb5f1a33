/** Nominal types: `Brand<string, 'SpaceId'>` is a string that only a `SpaceId` fits. */
declare const brand: unique symbol;
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };
