/**
 * Files on their way out of the page: what a picked file is told as, with a small picture made on this device. Nothing of a file
 * leaves the device before it is sent, and its pictures are drawn anew, without what a camera wrote beside them.
 */
import type { KernelClient } from '../../bridge/client';
import type { AttachmentRow } from '../../bridge/messages';

export const MAX_FILE = 25 * 1024 * 1024;
export const MAX_FILES = 10;
/** A picture of at most so many bytes is brought here when it is shown; its small one comes with the message. */
export const SHOWN_AT_ONCE = 4 * 1024 * 1024;
const THUMB_PX = 360;
const MAX_THUMB = 24_000;

export type OutgoingFile = Omit<AttachmentRow, 'id'>;
/** What a page draws as a picture; everything else is only saved. */
export const isPicture = (mime: string): boolean => /^image\/(?:png|jpeg|gif|webp|avif)$/.test(mime);

const drawn = async (file: Blob): Promise<Pick<OutgoingFile, 'width' | 'height' | 'thumb'>> => {
  const none = { width: 0, height: 0, thumb: '' };
  const picture = await createImageBitmap(file).catch(() => null);
  if (!picture) return none;
  const { width, height } = picture;
  for (const share of [1, 0.6, 0.35]) {
    const by = Math.min(1, (THUMB_PX * share) / Math.max(width, height));
    const canvas = document.createElement('canvas');
    canvas.width = Math.max(1, Math.round(width * by));
    canvas.height = Math.max(1, Math.round(height * by));
    canvas.getContext('2d')?.drawImage(picture, 0, 0, canvas.width, canvas.height);
    const thumb = canvas.toDataURL('image/webp', 0.7);
    if (thumb.length <= MAX_THUMB) return { width, height, thumb };
  }
  return { width, height, thumb: '' };
};

/** Keeps a file on this device, sealed; it goes to others with the message that names it. */
export const keepFile = async (client: KernelClient, spaceId: string, file: File): Promise<OutgoingFile> => {
  const mime = file.type || 'application/octet-stream';
  const picture = isPicture(mime) ? await drawn(file) : { width: 0, height: 0, thumb: '' };
  const { blob, key } = await client.putFile(spaceId, new Uint8Array(await file.arrayBuffer()));
  return { name: file.name.slice(0, 200) || 'file', mime, size: file.size, blob, key, alt: '', ...picture };
};

/** A file of a person as an address of this page; to be revoked. Only pictures keep their type: nothing else is ever shown. */
export const addressOf = (bytes: Uint8Array, mime: string): string =>
  URL.createObjectURL(
    new Blob([bytes as Uint8Array<ArrayBuffer>], { type: isPicture(mime) ? mime : 'application/octet-stream' }),
  );
