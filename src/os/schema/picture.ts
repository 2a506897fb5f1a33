/** The picture of a person: a small image as a data address, in their profile. What is larger or of another kind is none. */

/** Characters. 64 by 64 pixels come to a third of it. */
export const MAX_PICTURE = 12_000;

export const readPicture = (value: unknown): string | undefined =>
  typeof value === 'string' &&
  value.length <= MAX_PICTURE &&
  /^data:image\/(?:webp|jpeg|png);base64,[A-Za-z0-9+/]{16,}={0,2}$/.test(value)
    ? value
    : undefined;
