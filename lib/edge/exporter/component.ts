import type { Component } from '../../core/component';
import { pushesDashboard } from './dashboard';

/** Component with the dashboard about the transport of samples. */
export const exporterComponent: Component = { dashboards: () => [pushesDashboard()] };
