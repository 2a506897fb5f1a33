/**
 * Where somebody is about to meet others: the name that these will see, asked of whoever has given none. It may stay
 * empty; whoever has a name sees no field.
 */
import { type ReactNode, useState } from 'react';
import type { StepsAnswer } from '../../domain/start/queries';
import { Field } from '../kit/Field';
import { t } from '../kit/i18n';
import { useCall, useQuery } from '../kit/kernel';

export type Naming = {
  readonly field: ReactNode;
  /** Keeps what was typed; false where that failed, which the person was told. */
  save(): Promise<boolean>;
};

export function useNaming(): Naming {
  const steps = useQuery<StepsAnswer>('start.steps', {});
  const call = useCall();
  const [name, setName] = useState('');
  const typed = name.trim();
  return {
    field:
      steps?.named === false ? (
        <Field
          label={t('naming')}
          hint={t('naming.means')}
          value={name}
          maxLength={80}
          autoComplete="name"
          onChange={(event) => setName(event.target.value)}
        />
      ) : null,
    save: async () => typed === '' || (await call((client) => client.setName(typed).then(() => true))) !== undefined,
  };
}
