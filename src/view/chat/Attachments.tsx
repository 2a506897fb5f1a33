/**
 * The files of a message: pictures as pictures, the rest by name. What is on this device is saved by a click; what is not is brought
 * here by one, and pictures of moderate size when they are shown.
 */
import { CloudDownload, Download, File as FileIcon, LoaderCircle, X } from 'lucide-react';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { AttachmentRow, FileAnswer } from '../../bridge/messages';
import { saveFile } from '../kit/files';
import { t } from '../kit/i18n';
import { useCall, useCommand, useQuery } from '../kit/kernel';
import { sizeOf } from '../kit/time';
import { addressOf, isPicture, SHOWN_AT_ONCE } from './files';

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
  const command = useCommand();
  const [address, setAddress] = useState<string | null>(null);
  /** To be saved as soon as it is here. */
  const asked = useRef(false);
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
  const save = useCallback(
    () =>
      void call((client) => client.getFile(spaceId, blob, key)).then((got) => {
        // Of no type, so that no browser takes it for a page of ours.
        if (got) saveFile(name, new Blob([got.value as Uint8Array<ArrayBuffer>]));
      }),
    [call, spaceId, blob, key, name],
  );
  const fetch = useCallback(
    () => void command('os.fetchFile', { spaceId, blob, size }),
    [command, spaceId, blob, size],
  );
  const shown = picture && size <= SHOWN_AT_ONCE && state !== undefined && !here;
  useEffect(() => {
    if (shown) fetch();
  }, [shown, fetch]);
  useEffect(() => {
    if (!here || !asked.current) return;
    asked.current = false;
    save();
  }, [here, save]);
  const by = Math.min(1, SHOWN_PX / Math.max(1, row.width), SHOWN_PX / Math.max(1, row.height));
  const coming = state?.coming === true;
  const act = here
    ? t('files.save', { name })
    : coming
      ? t('files.stop', { name })
      : t('files.fetch', { name, size: sizeOf(size) });
  const Icon = here ? Download : coming ? X : CloudDownload;
  const press = () => {
    if (here) return save();
    asked.current = !coming;
    if (coming) void command('os.leaveFile', { spaceId, blob });
    else fetch();
  };
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
      {/* One button through all its states, so that the focus stays. */}
      <button type="button" className="save" disabled={!state} aria-label={act} title={act} onClick={press}>
        {coming ? (
          <LoaderCircle className="i" size={16} strokeWidth={1.75} aria-hidden />
        ) : (
          <FileIcon className="i" size={16} strokeWidth={1.75} aria-hidden />
        )}
        <span className="cut">{name}</span>
        {coming ? <Coming name={name} state={state} /> : <span className="t3 num">{sizeOf(size)}</span>}
        {here && state.beacons + state.devices === 0 ? <span className="t3">{t('files.onlyHere')}</span> : null}
        {state?.larger ? <span className="t3">{t('files.larger')}</span> : null}
        <Icon className="i" size={14} strokeWidth={1.75} aria-hidden />
      </button>
    </li>
  );
}

function Coming({ name, state }: { name: string; state: FileAnswer }) {
  const share = Math.round(state.share * 100);
  return (
    <>
      {state.sources > 0 || share > 0 ? (
        <>
          <progress value={share} max={100} aria-label={t('files.comes', { name })} />
          <span className="t3 num">{t('files.coming', { share })}</span>
        </>
      ) : null}
      {state.sources === 0 ? <span className="t3">{t('files.away')}</span> : null}
    </>
  );
}
