export { grafanaComponent } from './component';
export { DashboardResources, type DashboardResourcesProps } from './dashboard-resources';
export { GRAFANA_OPTIONS, Grafana, type GrafanaProps } from './grafana';
