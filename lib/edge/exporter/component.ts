import type { Component } from '../../core/component';
import { pushesDashboard } from './dashboard';

/** Component that adds the dashboard about the transport of samples to an environment. */
export const exporterComponent: Component = { dashboards: () => [pushesDashboard()] };
