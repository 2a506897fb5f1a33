/** A view that broke says so and leaves the rest of the screen standing. Nothing written is lost by it. */

import type { ReactNode } from 'react';
import { Component } from 'react';
import { Empty } from '../kit/Empty';
import { t } from '../kit/i18n';

export class Boundary extends Component<{ children: ReactNode }, { broken: boolean }> {
  override state = { broken: false };
  static getDerivedStateFromError(): { broken: boolean } {
    return { broken: true };
  }
  override render(): ReactNode {
    if (!this.state.broken) return this.props.children;
    return (
      <Empty text={t('view.broken')} action={{ label: t('tryAgain'), run: () => this.setState({ broken: false }) }} />
    );
  }
}
