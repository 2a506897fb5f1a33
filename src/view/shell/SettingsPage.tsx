/** A person's own page: name, theme, language, the key file that outlives this browser, and where the work is kept. */
import { ClipboardPaste, Download, ImagePlus, LifeBuoy, MonitorSmartphone, Network, Upload, X } from 'lucide-react';
import type { FormEvent, ReactNode } from 'react';
import { useEffect, useState } from 'react';
import { useLocation } from 'wouter';
import { ExchangeSettings } from '../exchange/ExchangeSettings';
import { AlertSettings } from '../hub/AlertSettings';
import { Button } from '../kit/Button';
import { SkeletonRows } from '../kit/Empty';
import { Face, usePicture } from '../kit/Face';
import { Field, Segmented } from '../kit/Field';
import { FilePick } from '../kit/FilePick';
import { saveFile } from '../kit/files';
import { t } from '../kit/i18n';
import { useCall, useCommand, useQuery } from '../kit/kernel';
import { setLanguage, setTheme, useLanguage, useTheme } from '../kit/preferences';
import { OPEN_KEYS, paths } from '../kit/routes';
import { showNotice } from '../kit/Toasts';
import { sizeOf } from '../kit/time';
import { BeaconCodes } from './JoinCode';
import { LockSettings } from './LockSettings';
import { PasskeyKeys } from './PasskeyKeys';
import { pictureOf } from './picture';
import { PhraseSettings } from './Recovery';
import { Waits } from './Restored';
import { ShelfSettings } from './ShelfSettings';
import { SpaceStorage } from './SpaceStorage';

/** A passphrase under this protects nothing against somebody who has the file. */
const MIN_PASSPHRASE = 8;
const MAX_KEY_FILE = 1024 * 1024;

export function SettingsPage() {
  const theme = useTheme();
  const language = useLanguage();
  const [, go] = useLocation();
  return (
    <div className="page settings">
      <h2 className="h28">{t('settings')}</h2>
      <Part title={t('settings.you')}>
        <Name />
        <Picture />
      </Part>
      <Part title={t('settings.look')} hint={t('settings.lookHint')}>
        <Row label={t('theme')}>
          <Segmented
            label={t('theme')}
            value={theme}
            onChange={setTheme}
            choices={(['system', 'light', 'dark'] as const).map((value) => ({ value, label: t(`theme.${value}`) }))}
          />
        </Row>
        <Row label={t('language')}>
          <Segmented
            label={t('language')}
            value={language}
            onChange={setLanguage}
            choices={(['en', 'ru'] as const).map((value) => ({ value, label: t(`language.${value}`) }))}
          />
        </Row>
      </Part>
      <Part title={t('alerts')} hint={t('alerts.hint')}>
        <AlertSettings />
      </Part>
      <Part title={t('invitations')} hint={t('paste.hint')}>
        <PasteInvitation />
      </Part>
      <Part title={t('settings.network')} hint={t('settings.networkHint')}>
        <BeaconCodes />
        <div className="row">
          <Button kind="line" size="large" icon={Network} onClick={() => go(paths.network)}>
            {t('network.show')}
          </Button>
        </div>
      </Part>
      <Part title={t('settings.keys')} hint={t('settings.keysHint')}>
        <Waits />
        <PhraseSettings />
        <KeyFile />
        <PasskeyKeys />
        <div className="row">
          <Button kind="line" size="large" icon={MonitorSmartphone} onClick={() => go(paths.devices)}>
            {t('devices')}
          </Button>
          <Button kind="line" size="large" icon={LifeBuoy} onClick={() => go(paths.recover)}>
            {t('recover.link')}
          </Button>
        </div>
      </Part>
      <Part title={t('exchange')} hint={t('exchange.hint')}>
        <ExchangeSettings />
      </Part>
      <Part title={t('settings.lock')}>
        <LockSettings />
      </Part>
      <Part title={t('settings.storage')}>
        <ShelfSettings />
        <Storage />
        <SpaceStorage />
      </Part>
      <Part title={t('settings.about')}>
        <About />
      </Part>
    </div>
  );
}

/** Which program this is. */
function About() {
  const call = useCall();
  const [program, setProgram] = useState<{ version: string; protocol: string; build: string } | null>(null);
  useEffect(() => {
    void call((client) => client.ready()).then((told) => told && setProgram(told.value));
  }, [call]);
  return program === null ? <SkeletonRows rows={1} /> : <p className="t2 num">{t('settings.version', program)}</p>;
}

function Part({ title, hint, children }: { title: string; hint?: string; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <h3 className="h16">{title}</h3>
      {hint ? <p className="hint">{hint}</p> : null}
      {children}
    </section>
  );
}

function PasteInvitation() {
  const [, go] = useLocation();
  return (
    <div>
      <Button kind="line" size="large" icon={ClipboardPaste} onClick={() => go(paths.paste)}>
        {t('paste')}
      </Button>
    </div>
  );
}

function Row({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="f">
      <span>{label}</span>
      <div>{children}</div>
    </div>
  );
}

function Name() {
  const me = useQuery('os.me', {});
  const call = useCall();
  const [name, setName] = useState<string | null>(null);
  if (!me) return <SkeletonRows rows={1} />;
  const shown = name ?? me.name;
  const save = async (event: FormEvent) => {
    event.preventDefault();
    if (shown.trim() === '' || shown.trim() === me.name) return;
    if (await call((client) => client.setName(shown.trim()))) setName(null);
  };
  return (
    <form className="row named" onSubmit={(event) => void save(event)}>
      <Face person={me} size={32} />
      <Field
        hidden
        className="grow"
        label={t('settings.name')}
        value={shown}
        maxLength={80}
        autoComplete="name"
        onChange={(event) => setName(event.target.value)}
      />
      <Button kind="line" size="large" type="submit" disabled={shown.trim() === '' || shown.trim() === me.name}>
        {t('save')}
      </Button>
    </form>
  );
}

function Picture() {
  const me = useQuery('os.me', {});
  const picture = usePicture(me?.userId);
  const command = useCommand();
  const choose = async (file: File) => {
    const made = await pictureOf(file).catch(() => undefined);
    if (made === undefined) return showNotice(t('picture.bad'));
    await command('os.setPicture', { picture: made });
  };
  return (
    <div className="row">
      <FilePick
        label={t(picture ? 'picture.change' : 'picture.choose')}
        icon={ImagePlus}
        accept="image/png,image/jpeg,image/webp"
        onPick={(file) => void choose(file)}
      />
      {picture ? (
        <Button size="large" icon={X} onClick={() => void command('os.setPicture', { picture: '' })}>
          {t('picture.remove')}
        </Button>
      ) : null}
    </div>
  );
}

function KeyFile() {
  const call = useCall();
  const command = useCommand();
  const [passphrase, setPassphrase] = useState('');
  const [opening, setOpening] = useState('');
  const [path] = useLocation();
  useEffect(() => {
    if (path === paths.keys) document.getElementById(OPEN_KEYS)?.focus();
  }, [path]);
  const save = async (event: FormEvent) => {
    event.preventDefault();
    const made = await call((client) => client.exportKeys(passphrase));
    if (!made) return;
    saveFile('lgos-keys.json', new Blob([made.value], { type: 'application/json' }));
    setPassphrase('');
    showNotice(t('keys.saved'));
    await command('os.keyFileSaved', {});
  };
  const open = async (file: File) => {
    if (file.size > MAX_KEY_FILE) return showNotice(t('keys.notOne'));
    const text = await file.text();
    if (await call((client) => client.importKeys(text, opening))) {
      setOpening('');
      showNotice(t('keys.opened'), { label: t('reload'), run: () => location.reload(), stays: true });
    }
  };
  return (
    <>
      <form className="row" onSubmit={(event) => void save(event)}>
        <Field
          className="grow"
          type="password"
          label={t('keys.passphrase')}
          hint={t('keys.passphraseHint', { n: MIN_PASSPHRASE })}
          value={passphrase}
          autoComplete="new-password"
          onChange={(event) => setPassphrase(event.target.value)}
        />
        <Button kind="line" size="large" icon={Download} type="submit" disabled={passphrase.length < MIN_PASSPHRASE}>
          {t('keys.export')}
        </Button>
      </form>
      <div className="row">
        <Field
          id={OPEN_KEYS}
          className="grow"
          type="password"
          label={t('keys.opening')}
          hint={t('keys.openingHint')}
          value={opening}
          autoComplete="off"
          onChange={(event) => setOpening(event.target.value)}
        />
        <FilePick
          label={t('keys.import')}
          icon={Upload}
          accept="application/json,.json"
          disabled={opening === ''}
          onPick={(file) => void open(file)}
        />
      </div>
    </>
  );
}

/** Of what the browser allows. */
const NEARLY_FULL = 0.85;
type Kept = { readonly persisted: boolean; readonly used: number; readonly quota: number };

const lookAtStorage = async (): Promise<Kept | null> => {
  if (!navigator.storage?.estimate) return null;
  const [estimate, persisted] = await Promise.all([navigator.storage.estimate(), navigator.storage.persisted()]);
  return { persisted, used: estimate.usage ?? 0, quota: estimate.quota ?? 0 };
};

function Storage() {
  const [kept, setKept] = useState<Kept | null>(null);
  useEffect(() => {
    let here = true;
    lookAtStorage()
      .then((found) => here && setKept(found))
      .catch(() => setKept(null));
    return () => {
      here = false;
    };
  }, []);
  const ask = async () => {
    const persisted = await navigator.storage.persist().catch(() => false);
    setKept(await lookAtStorage().catch(() => null));
    showNotice(t(persisted ? 'storage.granted' : 'storage.refused'));
  };
  if (kept === null) return <p className="t2">{t('storage.unknown')}</p>;
  return (
    <>
      <p className="t2">
        {t(kept.persisted ? 'storage.kept' : 'storage.mayGo', { used: sizeOf(kept.used), quota: sizeOf(kept.quota) })}
      </p>
      {kept.quota > 0 && kept.used > NEARLY_FULL * kept.quota ? (
        <p className="t2 warn">{t('room.nearlyFull')}</p>
      ) : null}
      {kept.persisted ? null : (
        <div className="row">
          <Button kind="line" size="large" onClick={() => void ask()}>
            {t('storage.ask')}
          </Button>
        </div>
      )}
    </>
  );
}
