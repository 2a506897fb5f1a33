/** The network lab: a few dozen kernels on virtual time in this browser, as a picture and as a table, to be disturbed at will. */
import { Dices, Pause, Play, RotateCw, StepForward } from 'lucide-react';
import { useState } from 'react';
import { LAB_LIMITS, type LabSettings } from '../../../lab/messages';
import { Button, IconButton } from '../kit/Button';
import { Segmented } from '../kit/Field';
import { t } from '../kit/i18n';
import { Refused } from '../kit/Refused';
import { Figures } from './Figures';
import { Picture, type Shown } from './Picture';
import { Settings } from './Settings';
import { useLab } from './useLab';
import { number } from './words';
import './lab.css';

const FIRST: LabSettings = {
  ...{ seed: 1, nodes: 24, beacons: 1, delayMs: 55, writes: 60 },
  ...{ churn: 0, shut: 0.2, black: 0, grey: 0, flooded: true },
};
const SPEEDS = ['0.1', '1', '5', '20'] as const;
const LEGEND = ['tab', 'beacon', 'black', 'grey', 'gone', 'first', 'needless'] as const;
const isStill = (): boolean => matchMedia('(prefers-reduced-motion: reduce)').matches;

export function LabPage() {
  const [still] = useState(isStill);
  const [speed, setSpeed] = useState<(typeof SPEEDS)[number]>('1');
  const [settings, setSettings] = useState(FIRST);
  const [running, setRunning] = useState(FIRST);
  const [chosen, setChosen] = useState<Shown>('tree');
  const lab = useLab(FIRST, Number(speed), still);
  const { state, frame, pace, fault } = lab;
  const shown = frame?.flood ? chosen : 'tree';
  const isReady = state === 'paused' || state === 'playing';
  const open = (wanted: LabSettings): void => {
    if (!isReady) return;
    setSettings(wanted);
    setRunning(wanted);
    lab.open(wanted);
  };
  if (state === 'failed')
    return (
      <div className="page lab">
        <Refused message={`${t('lab.failed')} ${fault}`.trim()} next={t('lab.failed.next')} />
      </div>
    );
  const isSlow = pace !== null && pace < 0.8 * Number(speed);
  return (
    <div className="page lab" data-state={state} aria-busy={state === 'opening'}>
      <div className="head">
        <h2 className="h28">{t('lab')}</h2>
      </div>
      <p className="t2 means">{t('lab.means')}</p>
      <div className="row bar">
        {state === 'playing' ? (
          <Button kind="primary" icon={Pause} onClick={lab.pause}>
            {t('lab.pause')}
          </Button>
        ) : (
          <Button kind="primary" icon={Play} onClick={lab.play} disabled={!isReady}>
            {t('lab.play')}
          </Button>
        )}
        <Button kind="line" icon={StepForward} onClick={lab.step} disabled={state !== 'paused'}>
          {t('lab.step')}
        </Button>
        <Segmented
          label={t('lab.speed')}
          value={speed}
          choices={SPEEDS.map((value) => ({ value, label: t('lab.times', { n: number(Number(value)) }) }))}
          onChange={setSpeed}
        />
        <span className="t12 t3 num clock">
          {t('lab.clock', { s: number((frame?.at ?? 0) / 1_000) })}
          {isSlow ? ` ${t('lab.slow', { n: number(pace, pace < 1 ? 2 : 1) })}` : null}
          {frame?.isOver ? ` ${t('lab.over')}` : null}
        </span>
      </div>
      <div className="row bar">
        <Button kind="line" onClick={() => lab.happen('write')} disabled={!isReady}>
          {t('lab.write')}
        </Button>
        <Button kind="line" onClick={() => lab.happen('killHalf')} disabled={!isReady}>
          {t('lab.kill')}
        </Button>
        <Button kind="line" onClick={() => lab.happen('bringBack')} disabled={!isReady}>
          {t('lab.back')}
        </Button>
        <Button kind="line" onClick={() => lab.happen(frame?.isSplit ? 'heal' : 'split')} disabled={!isReady}>
          {t(frame?.isSplit ? 'lab.heal' : 'lab.split')}
        </Button>
        {frame?.flood ? (
          <Segmented
            label={t('lab.shown')}
            value={shown}
            choices={[
              { value: 'tree', label: t('lab.tree') },
              { value: 'flood', label: t('lab.flood') },
            ]}
            onChange={setChosen}
          />
        ) : null}
      </div>
      <div className="lab-both">
        <div>
          <Picture lab={lab} shown={shown} still={still} />
          <ul className="lab-legend t12 t2">
            {LEGEND.map((mark) => (
              <li key={mark}>
                <i className={mark} aria-hidden />
                {t(`lab.legend.${mark}`)}
              </li>
            ))}
          </ul>
        </div>
        <Figures frame={frame} />
      </div>
      <section aria-label={t('lab.settings')}>
        <h3 className="h">{t('lab.settings')}</h3>
        <Settings settings={settings} onChange={setSettings} />
        <div className="row bar">
          <Button
            kind={settings === running ? 'line' : 'primary'}
            icon={RotateCw}
            onClick={() => open(settings)}
            aria-disabled={!isReady}
          >
            {t('lab.anew')}
          </Button>
          <IconButton
            label={t('lab.dice')}
            icon={Dices}
            aria-disabled={!isReady}
            onClick={() => open({ ...settings, seed: 1 + Math.floor(Math.random() * LAB_LIMITS.seed.most) })}
          />
        </div>
        <p className="hint">{t('lab.real')}</p>
      </section>
    </div>
  );
}
