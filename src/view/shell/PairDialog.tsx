/** Connecting without a server: a text from one device to the other and one back, as a picture or by hand. */
import { Camera, Check, Copy } from 'lucide-react';
import { type FormEvent, useEffect, useMemo, useRef, useState } from 'react';
import type { PairingAnswer, Refusal } from '../../bridge/messages';
import { Button } from '../kit/Button';
import { copyText } from '../kit/clipboard';
import { Dialog } from '../kit/Dialog';
import { t } from '../kit/i18n';
import { refusalOf, useCommand, useKernel, useQuery } from '../kit/kernel';
import { Refused } from '../kit/Refused';
import { translated } from '../kit/refusals';
import { clock } from '../kit/time';
import { qrPath } from './qr';
import { Scanner } from './Scanner';
import { canScan } from './scan';
import './pair.css';

/** How a text to paste begins, in every language. */
const EXAMPLE = 'lgos-pair:…';

/** A picture of more than this is too fine for cameras. */
const MAX_PICTURE = 1_800;

export function PairDialog({ onClose }: { onClose(): void }) {
  const pairing = useQuery('os.pairing', {});
  const command = useCommand();
  const step = pairing?.step ?? 'none';
  const close = () => {
    void command('os.stopPairing', {});
    onClose();
  };
  return (
    <Dialog title={t('pair')} onClose={close} className="pair">
      <div className="db">
        {pairing ? <Step key={step} pairing={pairing} /> : null}
        {step === 'linked' ? null : <p className="hint">{t('pair.unreachable')}</p>}
      </div>
      <div className="df">
        <Button size="large" kind={step === 'linked' ? 'primary' : undefined} onClick={close}>
          {t(step === 'linked' ? 'close' : 'cancel')}
        </Button>
      </div>
    </Dialog>
  );
}

function Step({ pairing }: { pairing: PairingAnswer }) {
  const { step, text = '', endsAt = 0, reason } = pairing;
  switch (step) {
    case 'gathering':
    case 'connecting':
      return <Status words={t(`pair.${step}`)} />;
    case 'offered':
      return (
        <>
          <p role="status">{t('pair.give')}</p>
          <Text text={text} />
          <p>{t('pair.takeAnswer')}</p>
          <Take label={t('pair.answer')} />
        </>
      );
    case 'answered':
      return (
        <>
          <p role="status">{t('pair.giveBack')}</p>
          <Text text={text} />
          <Status words={t('pair.waiting', { when: clock(endsAt) })} />
        </>
      );
    case 'linked':
      return <Linked deviceId={pairing.deviceId} />;
    default:
      return (
        <>
          {step === 'failed' ? <Refused message={t(`pair.failed.${reason ?? 'late'}`)} /> : null}
          <Begin />
        </>
      );
  }
}

function Status({ words }: { words: string }) {
  return (
    <p className="t2" role="status">
      {words}
    </p>
  );
}

/** It comes after the dialog has. */
const takeFocus = (field: HTMLElement | null): void => field?.focus();
/** On the first device, or on the second. */
function Begin() {
  const spaces = useQuery('os.spaces', {});
  const command = useCommand();
  const held = spaces?.filter(({ role }) => role !== 'none') ?? [];
  const [chosen, setChosen] = useState<string | null>(null);
  const spaceId = chosen ?? (held.find(({ kind }) => kind !== 'personal') ?? held[0])?.id ?? '';
  return (
    <>
      <p className="t2">{t('pair.means')}</p>
      <section aria-label={t('pair.first')}>
        <div className="h">{t('pair.first')}</div>
        <div className="row end-fields">
          <label className="label grow">
            <span>{t('pair.space')}</span>
            <select
              ref={takeFocus}
              className="field"
              value={spaceId}
              onChange={(event) => setChosen(event.target.value)}
            >
              {held.map(({ id, title }) => (
                <option key={id} value={id}>
                  {title}
                </option>
              ))}
            </select>
          </label>
          <Button
            kind="primary"
            size="large"
            disabled={spaceId === ''}
            onClick={() => void command('os.offerPairing', { spaceId })}
          >
            {t('pair.begin')}
          </Button>
        </div>
      </section>
      <section aria-label={t('pair.second')}>
        <div className="h">{t('pair.second')}</div>
        <Take label={t('pair.text')} />
      </section>
    </>
  );
}

/** For the other device. */
function Text({ text }: { text: string }) {
  const [done, setDone] = useState(false);
  const picture = useMemo(() => (text.length <= MAX_PICTURE ? qrPath(text) : null), [text]);
  return (
    <div className="shown">
      {picture ? (
        <svg
          className="qr"
          viewBox={`0 0 ${picture.size} ${picture.size}`}
          role="img"
          aria-label={t('pair.qr')}
          shapeRendering="crispEdges"
        >
          <path d={picture.path} fill="#111" />
        </svg>
      ) : null}
      <div className="by-hand">
        <textarea
          className="field mono"
          rows={3}
          readOnly
          value={text}
          aria-label={t('pair.own')}
          onFocus={(event) => event.target.select()}
        />
        <Button kind="line" icon={done ? Check : Copy} onClick={() => void copyText(text).then(setDone)}>
          {t(done ? 'copied' : 'pair.copy')}
        </Button>
      </div>
    </div>
  );
}

/** Of the other device. */
function Take({ label }: { label: string }) {
  const client = useKernel();
  const [pasted, setPasted] = useState('');
  const [scanning, setScanning] = useState(false);
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const isHere = useRef(true);
  useEffect(() => {
    isHere.current = true;
    return () => {
      isHere.current = false;
    };
  }, []);
  const take = async (text: string) => {
    if (text.trim() === '' || busy) return;
    setBusy(true);
    setRefusal(null);
    try {
      await client.run('os.takePairing', { text });
    } catch (error) {
      if (isHere.current) setRefusal(refusalOf(error));
    }
    if (isHere.current) setBusy(false);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void take(pasted);
  };
  const told = refusal && translated(refusal);
  return (
    <form className="take" onSubmit={submit}>
      <textarea
        className="field mono"
        rows={3}
        aria-label={label}
        placeholder={EXAMPLE}
        value={pasted}
        maxLength={16_000}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => setPasted(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && !event.shiftKey) submit(event);
        }}
      />
      {told ? <Refused message={told.message} next={told.next} /> : null}
      {scanning ? (
        <Scanner
          onFound={(text) => {
            setScanning(false);
            setPasted(text);
            void take(text);
          }}
          onGone={() => setScanning(false)}
        />
      ) : null}
      <div className="row">
        <Button kind="line" size="large" type="submit" disabled={busy || pasted.trim() === ''}>
          {t('pair.take')}
        </Button>
        {canScan() && !scanning ? (
          <Button size="large" icon={Camera} onClick={() => setScanning(true)}>
            {t('link.scan')}
          </Button>
        ) : null}
      </div>
    </form>
  );
}

function Linked({ deviceId }: { deviceId: string | undefined }) {
  const name = useQuery('os.network', {})?.peers.find((peer) => peer.deviceId === deviceId)?.name;
  return (
    <p className="row" role="status">
      <Check className="i" size={16} strokeWidth={1.75} aria-hidden />
      <span>{t('pair.linked', { name: name || t('network.unknown') })}</span>
    </p>
  );
}
