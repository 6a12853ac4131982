export { grafanaComponent } from './component';
export { DashboardResources, type DashboardResourcesProps } from './dashboard-resources';
export type { ExternalDataSource } from './external-data-source';
export { GRAFANA_OPTIONS, Grafana, type GrafanaProps } from './grafana';
export type { GrafanaIni, GrafanaSection, SecretKey } from './ini-sections';
export { addNodeMetricsLinkToLokiDataSource } from './provisioning';
export type { GrafanaSettings } from './settings';
