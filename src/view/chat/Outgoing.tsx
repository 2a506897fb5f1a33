/** Files chosen for a message and not sent yet: each is kept on this device first, can be described, and taken out again. */
import { X } from 'lucide-react';
import { useCallback, useRef, useState } from 'react';
import { IconButton } from '../kit/Button';
import { t } from '../kit/i18n';
import { refusalOf, useCommand, useKernel, useQuery } from '../kit/kernel';
import { showNotice, showRefusal } from '../kit/Toasts';
import { sizeOf } from '../kit/time';
import { keepFile, MAX_FILE, MAX_FILES, type OutgoingFile } from './files';

const isOutgoing = (value: unknown): value is OutgoingFile =>
  typeof value === 'object' && value !== null && 'blob' in value && 'key' in value && 'name' in value;
const readOutgoing = (text: string | undefined): readonly OutgoingFile[] => {
  try {
    const read: unknown = JSON.parse(text || '[]');
    return Array.isArray(read) ? read.filter(isOutgoing) : [];
  } catch {
    return [];
  }
};
/** A draft is a setting, and no place for pictures. */
const MOST_KEPT = 18_000;

/** Chosen files are drafts: they are there again after the page was closed. */
export function useOutgoing(spaceId: string, key: string) {
  const client = useKernel();
  const command = useCommand();
  const draft = useQuery('os.draft', { key: `files/${key}` });
  const [typed, setTyped] = useState<readonly OutgoingFile[] | null>(null);
  const [keeping, setKeeping] = useState<readonly { readonly n: number; readonly name: string }[]>([]);
  const count = useRef(0);
  const dropped = useRef(new Set<number>());
  const files = typed ?? readOutgoing(draft);
  const latest = useRef(files);
  latest.current = files;

  const set = useCallback(
    (next: readonly OutgoingFile[]) => {
      latest.current = next;
      setTyped(next);
      const whole = JSON.stringify(next);
      const text = whole.length <= MOST_KEPT ? whole : JSON.stringify(next.map((file) => ({ ...file, thumb: '' })));
      void command('os.saveDraft', { key: `files/${key}`, text: next.length === 0 ? '' : text });
    },
    [command, key],
  );
  const add = useCallback(
    async (picked: Iterable<File>) => {
      for (const file of picked) {
        if (latest.current.length >= MAX_FILES) return showNotice(t('files.tooMany', { n: MAX_FILES }));
        if (file.size > MAX_FILE) {
          showNotice(t('files.tooLarge', { name: file.name, size: sizeOf(file.size), most: sizeOf(MAX_FILE) }));
          continue;
        }
        const n = ++count.current;
        setKeeping((now) => [...now, { n, name: file.name }]);
        try {
          const kept = await keepFile(client, spaceId, file);
          if (!dropped.current.has(n)) set([...latest.current, kept]);
        } catch (error) {
          showRefusal(refusalOf(error));
        }
        setKeeping((now) => now.filter((each) => each.n !== n));
      }
    },
    [client, spaceId, set],
  );
  return {
    files,
    keeping,
    add,
    set,
    stop: (n: number) => {
      dropped.current.add(n);
      setKeeping((now) => now.filter((each) => each.n !== n));
    },
  };
}

export function Outgoing({ files, keeping, set, stop }: ReturnType<typeof useOutgoing>) {
  if (files.length + keeping.length === 0) return null;
  return (
    <ul className="outgoing" aria-label={t('files')}>
      {files.map((file) => (
        <li key={file.blob}>
          {file.thumb === '' ? null : <img src={file.thumb} alt="" draggable={false} />}
          <span className="said">
            <span className="cut">{file.name}</span>
            {file.width > 0 ? (
              <input
                className="field"
                value={file.alt}
                maxLength={500}
                aria-label={t('files.alt', { name: file.name })}
                placeholder={t('files.altHint')}
                onChange={(event) =>
                  set(files.map((each) => (each === file ? { ...file, alt: event.target.value } : each)))
                }
              />
            ) : (
              <span className="t12 t3 num">{sizeOf(file.size)}</span>
            )}
          </span>
          <IconButton
            small
            label={t('files.remove', { name: file.name })}
            icon={X}
            onClick={() => set(files.filter((each) => each !== file))}
          />
        </li>
      ))}
      {keeping.map(({ n, name }) => (
        <li key={n} aria-busy>
          <span className="said">
            <span className="cut">{name}</span>
            <span className="t12 t3">{t('files.keeping')}</span>
          </span>
          <IconButton small label={t('files.remove', { name })} icon={X} onClick={() => stop(n)} />
        </li>
      ))}
    </ul>
  );
}
