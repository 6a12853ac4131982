import type { Component } from '../../core/component';
import { pushesDashboard } from './dashboard';

/** The transport of exporters' samples as a component of an environment. */
export const exporterComponent: Component = { dashboards: () => [pushesDashboard()] };
