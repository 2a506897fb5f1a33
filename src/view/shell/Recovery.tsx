/** The recovery phrase: shown when asked for, and two of its words asked back; the offer to write it down, made once. */
import { BookKey, LifeBuoy, MonitorX } from 'lucide-react';
import { type FormEvent, useEffect, useState } from 'react';
import { Button } from '../kit/Button';
import { Dialog } from '../kit/Dialog';
import { Field } from '../kit/Field';
import { t } from '../kit/i18n';
import { useCommand, useKernel, useQuery } from '../kit/kernel';
import { showNotice } from '../kit/Toasts';

/** Two different places among the words, the earlier first. */
const twoOf = (count: number): readonly [number, number] => {
  const [a = 0, b = 0] = crypto.getRandomValues(new Uint32Array(2));
  const first = a % count;
  const second = (first + 1 + (b % (count - 1))) % count;
  return [Math.min(first, second), Math.max(first, second)];
};

function PhraseDialog({ onClose }: { onClose(): void }) {
  const client = useKernel();
  const [words, setWords] = useState<readonly string[] | null>(null);
  const [checking, setChecking] = useState(false);
  useEffect(() => {
    let here = true;
    // Asked for once, and not watched: the words are in the page only while they are on the screen.
    client.query('os.recoveryPhrase', {}).then(
      (answer) => here && setWords((answer as { words: readonly string[] } | null)?.words ?? []),
      () => here && setWords([]),
    );
    return () => {
      here = false;
    };
  }, [client]);
  return (
    <Dialog title={t('phrase')} onClose={onClose}>
      {words === null || words.length === 0 ? null : checking ? (
        <Check words={words} onBack={() => setChecking(false)} onDone={onClose} />
      ) : (
        <>
          <div className="db phrase">
            <p>{t('phrase.means')}</p>
            <ol className="words" aria-label={t('phrase')}>
              {words.map((word, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a word may come twice, its place is what it is
                <li key={index} className="mono">
                  {word}
                </li>
              ))}
            </ol>
            <p className="hint warn">{t('phrase.secret')}</p>
          </div>
          <div className="df">
            <Button size="large" onClick={onClose}>
              {t('later')}
            </Button>
            <Button kind="primary" size="large" onClick={() => setChecking(true)}>
              {t('phrase.wrote')}
            </Button>
          </div>
        </>
      )}
    </Dialog>
  );
}

function Check({ words, onBack, onDone }: { words: readonly string[]; onBack(): void; onDone(): void }) {
  const command = useCommand();
  const [places] = useState(() => twoOf(words.length));
  const [typed, setTyped] = useState<readonly [string, string]>(['', '']);
  const [wrong, setWrong] = useState(false);
  const check = async (event: FormEvent) => {
    event.preventDefault();
    const fits = places.every((place, i) => words[place] === (typed[i] ?? '').trim().toLowerCase());
    if (!fits) return setWrong(true);
    if (!(await command('os.phraseWritten', {}))) return;
    showNotice(t('phrase.done'));
    onDone();
  };
  return (
    <form onSubmit={(event) => void check(event)}>
      <div className="db phrase">
        <p>{t('phrase.check')}</p>
        {places.map((place, i) => (
          <Field
            key={place}
            label={t('phrase.word', { n: place + 1 })}
            value={typed[i] ?? ''}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            autoFocus={i === 0}
            onChange={(event) => {
              setWrong(false);
              setTyped(i === 0 ? [event.target.value, typed[1]] : [typed[0], event.target.value]);
            }}
          />
        ))}
        {wrong ? (
          <p className="hint warn" role="alert">
            {t('phrase.wrong')}
          </p>
        ) : null}
      </div>
      <div className="df">
        <Button size="large" onClick={onBack}>
          {t('phrase.again')}
        </Button>
        <Button kind="primary" size="large" type="submit" disabled={typed.some((word) => word.trim() === '')}>
          {t('phrase.confirm')}
        </Button>
      </div>
    </form>
  );
}

/** What the settings say of the way back. */
export function PhraseSettings() {
  const recovery = useQuery('os.recovery', {});
  const [open, setOpen] = useState(false);
  if (recovery === undefined) return null;
  return (
    <div className="row">
      <p className="t2 grow">
        {t(
          recovery.way === 'phrase'
            ? recovery.written
              ? 'phrase.isWritten'
              : 'phrase.notWritten'
            : recovery.way === 'keyFile'
              ? 'phrase.none'
              : 'phrase.linked',
        )}
      </p>
      {recovery.way === 'phrase' ? (
        <Button kind="line" size="large" icon={BookKey} onClick={() => setOpen(true)}>
          {t('phrase.show')}
        </Button>
      ) : null}
      {open ? <PhraseDialog onClose={() => setOpen(false)} /> : null}
    </div>
  );
}

/** Made once there is something to lose, and gone for good when it is taken up or put away. */
export function PhraseOffer() {
  const recovery = useQuery('os.recovery', {});
  const me = useQuery('os.me', {});
  const home = me ? { spaceId: me.personalSpace } : null;
  const spaces = useQuery('os.spaces', {});
  const channels = useQuery('chat.channels', home);
  const documents = useQuery('editor.documents', home);
  const command = useCommand();
  const [open, setOpen] = useState(false);
  const worked = (spaces?.length ?? 0) > 1 || (channels?.length ?? 0) > 0 || (documents?.length ?? 0) > 1;
  const kept = recovery?.written || recovery?.saved;
  const due = recovery?.way === 'phrase' && recovery.home && !kept && !recovery.later && worked;
  if (open) return <PhraseDialog onClose={() => setOpen(false)} />;
  if (!due) return null;
  return (
    <div className="banner" role="note">
      <LifeBuoy className="i" size={16} strokeWidth={1.75} aria-hidden />
      <span className="grow">{t('phrase.offer')}</span>
      <Button kind="line" onClick={() => setOpen(true)}>
        {t('phrase.write')}
      </Button>
      <Button onClick={() => void command('os.phraseLater', {})}>{t('later')}</Button>
    </div>
  );
}

/** How coming back goes, and that another device took this one away. */
export function Returning() {
  const recovery = useQuery('os.recovery', {});
  if (recovery?.removed)
    return (
      <div className="banner bad" role="alert">
        <MonitorX className="i" size={16} strokeWidth={1.75} aria-hidden />
        <span className="grow">
          <b>{t(recovery.refused ? 'device.refused' : 'device.removed')}</b>{' '}
          {t(recovery.refused ? 'device.refusedMeans' : 'device.removedMeans')}
        </span>
      </div>
    );
  if (recovery && !recovery.home)
    return (
      <div className="banner net" role="status">
        <LifeBuoy className="i" size={16} strokeWidth={1.75} aria-hidden />
        <span className="grow">{t('recover.seeking')}</span>
      </div>
    );
  if (recovery && recovery.here < recovery.known)
    return (
      <div className="banner net" role="status">
        <LifeBuoy className="i" size={16} strokeWidth={1.75} aria-hidden />
        <span className="grow">{t('recover.coming', { here: recovery.here, known: recovery.known })}</span>
      </div>
    );
  return null;
}

/** The profile became another person: every page of it begins anew. */
export function useRestart(): void {
  const restart = useQuery('os.recovery', {})?.restart ?? false;
  useEffect(() => {
    if (!restart) return;
    location.hash = '#/';
    location.reload();
  }, [restart]);
}
