/** A part of the screen that broke says so and leaves the rest standing. Nothing written is lost by it. */

import type { ErrorInfo, ReactNode } from 'react';
import { Component } from 'react';
import { Broken } from './Broken';
import type { Fault } from './faultReport';

type Props = {
  /** Asks which program this is. */
  readonly about: () => Promise<{ readonly version: string; readonly protocol: string; readonly build: string }>;
  readonly place: string;
  /** Another one is another chance. */
  readonly at?: string;
  readonly children: ReactNode;
};

export class Boundary extends Component<Props, { fault: Fault | null }> {
  override state: { fault: Fault | null } = { fault: null };
  static getDerivedStateFromError(error: unknown): { fault: Fault } {
    return { fault: { error, components: '' } };
  }
  override componentDidCatch(error: unknown, { componentStack }: ErrorInfo): void {
    this.setState({ fault: { error, components: componentStack ?? '' } });
  }
  override componentDidUpdate(before: Props): void {
    if (this.state.fault !== null && before.at !== this.props.at) this.setState({ fault: null });
  }
  override render(): ReactNode {
    const { about, place, children } = this.props;
    const { fault } = this.state;
    if (fault === null) return children;
    return <Broken fault={fault} about={about} place={place} onAgain={() => this.setState({ fault: null })} />;
  }
}
