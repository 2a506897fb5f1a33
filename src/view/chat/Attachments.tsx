/** The files of a message: pictures as pictures, the rest by name; each is saved by a click once it is on this device. */
import { Download, File as FileIcon, LoaderCircle } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { AttachmentRow } from '../../bridge/messages';
import { saveFile } from '../kit/files';
import { t } from '../kit/i18n';
import { useCall, useQuery } from '../kit/kernel';
import { sizeOf } from '../kit/time';
import { addressOf, isPicture } from './files';

export function Attachments({ spaceId, rows }: { spaceId: string; rows: readonly AttachmentRow[] }) {
  if (rows.length === 0) return null;
  return (
    <ul className="attachments" aria-label={t('files')}>
      {rows.map((row) => (
        <Attachment key={row.id} spaceId={spaceId} row={row} />
      ))}
    </ul>
  );
}

const SHOWN_PX = 360;

function Attachment({ spaceId, row }: { spaceId: string; row: AttachmentRow }) {
  const { blob, key, name, mime, size, alt, thumb } = row;
  const state = useQuery('os.file', { spaceId, blob });
  const call = useCall();
  const [address, setAddress] = useState<string | null>(null);
  const picture = isPicture(mime) && row.width > 0 && row.height > 0;
  const here = state?.here === true;
  // The picture itself in place of the small one, as soon as it is here.
  useEffect(() => {
    if (!picture || !here) return;
    let made: string | null = null;
    let gone = false;
    void call((client) => client.getFile(spaceId, blob, key)).then((got) => {
      if (!got || gone) return;
      made = addressOf(got.value, mime);
      setAddress(made);
    });
    return () => {
      gone = true;
      if (made !== null) URL.revokeObjectURL(made);
    };
  }, [picture, here, call, spaceId, blob, key, mime]);
  const save = () =>
    void call((client) => client.getFile(spaceId, blob, key)).then((got) => {
      // Of no type, so that no browser takes it for a page of ours.
      if (got) saveFile(name, new Blob([got.value as Uint8Array<ArrayBuffer>]));
    });
  const by = Math.min(1, SHOWN_PX / Math.max(1, row.width), SHOWN_PX / Math.max(1, row.height));
  const share = Math.round((state?.share ?? 0) * 100);
  return (
    <li className={picture ? 'picture' : 'file'}>
      {picture && (address ?? thumb) !== '' ? (
        <img
          src={address ?? thumb}
          alt={alt || name}
          width={Math.round(row.width * by)}
          height={Math.round(row.height * by)}
          draggable={false}
        />
      ) : null}
      <button type="button" className="save" disabled={!here} onClick={save} title={t('files.save', { name })}>
        {here ? (
          <FileIcon className="i" size={16} strokeWidth={1.75} aria-hidden />
        ) : (
          <LoaderCircle className="i" size={16} strokeWidth={1.75} aria-hidden />
        )}
        <span className="cut">{name}</span>
        <span className="t3 num">{sizeOf(size)}</span>
        {here ? (
          <Download className="i" size={14} strokeWidth={1.75} aria-hidden />
        ) : state ? (
          <span className="t3 num">{share > 0 ? t('files.coming', { share }) : t('files.away')}</span>
        ) : null}
      </button>
    </li>
  );
}
