/** What a lab is made of. Nothing of it takes hold before the network is made anew. */
import { useId } from 'react';
import { LAB_LIMITS, type LabSettings } from '../../../lab/messages';
import { Field, Switch } from '../kit/Field';
import type { MessageKey } from '../kit/i18n';
import { t } from '../kit/i18n';
import { share } from './words';

type Slid = Exclude<keyof LabSettings, 'seed' | 'flooded'>;
const SLIDES: readonly { readonly name: Slid; readonly step: number; readonly isShare?: boolean }[] = [
  { name: 'nodes', step: 1 },
  { name: 'beacons', step: 1 },
  { name: 'delayMs', step: 5 },
  { name: 'writes', step: 10 },
  { name: 'churn', step: 1 },
  { name: 'shut', step: 0.1, isShare: true },
  { name: 'black', step: 0.05, isShare: true },
  { name: 'grey', step: 0.05, isShare: true },
];
const LABELS: Readonly<Record<Slid, MessageKey>> = {
  nodes: 'lab.set.nodes',
  beacons: 'lab.set.beacons',
  delayMs: 'lab.set.delayMs',
  writes: 'lab.set.writes',
  churn: 'lab.set.churn',
  shut: 'lab.set.shut',
  black: 'lab.set.black',
  grey: 'lab.set.grey',
};

export function Settings({ settings, onChange }: { settings: LabSettings; onChange(settings: LabSettings): void }) {
  return (
    <div className="lab-settings">
      {SLIDES.map(({ name, step, isShare }) => (
        <Slide
          key={name}
          label={t(LABELS[name])}
          said={isShare ? share(settings[name]) : t(`lab.said.${name as 'nodes'}`, { n: settings[name] })}
          {...LAB_LIMITS[name]}
          step={step}
          value={settings[name]}
          onChange={(value) => onChange({ ...settings, [name]: value })}
        />
      ))}
      <Field
        label={t('lab.set.seed')}
        type="number"
        inputMode="numeric"
        min={LAB_LIMITS.seed.least}
        max={LAB_LIMITS.seed.most}
        value={settings.seed}
        onChange={({ target }) => onChange({ ...settings, seed: target.valueAsNumber || LAB_LIMITS.seed.least })}
      />
      <Switch
        label={t('lab.set.flooded')}
        checked={settings.flooded}
        onChange={(flooded) => onChange({ ...settings, flooded })}
      />
    </div>
  );
}

function Slide(props: {
  label: string;
  said: string;
  least: number;
  most: number;
  step: number;
  value: number;
  onChange(value: number): void;
}) {
  const { label, said, least, most, step, value, onChange } = props;
  const id = useId();
  return (
    <div className="label slide">
      <span>
        <label htmlFor={id}>{label}</label>
        <output htmlFor={id} className="num">
          {said}
        </output>
      </span>
      <input
        id={id}
        type="range"
        min={least}
        max={most}
        step={step}
        value={value}
        aria-valuetext={said}
        onChange={({ target }) => onChange(target.valueAsNumber)}
      />
    </div>
  );
}
