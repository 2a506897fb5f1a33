/** A chosen image as a picture of a person: the middle square of it, 64 by 64, as a small data address. */
const SIDE = 64;
/** As much as a kernel takes. */
const MAX_LENGTH = 12_000;

export const pictureOf = async (file: Blob): Promise<string | undefined> => {
  const image = await createImageBitmap(file);
  const canvas = document.createElement('canvas');
  canvas.width = SIDE;
  canvas.height = SIDE;
  const context = canvas.getContext('2d');
  const side = Math.min(image.width, image.height);
  if (!context || side === 0) return undefined;
  context.imageSmoothingQuality = 'high';
  context.drawImage(image, (image.width - side) / 2, (image.height - side) / 2, side, side, 0, 0, SIDE, SIDE);
  image.close();
  // A browser that cannot write WebP writes PNG instead, which may be too long.
  const made = [canvas.toDataURL('image/webp', 0.8), canvas.toDataURL('image/jpeg', 0.8)];
  return made.find((address) => address.length <= MAX_LENGTH && /^data:image\/(webp|jpeg)/.test(address));
};
