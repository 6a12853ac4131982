export { metricsStoreComponent, unreadSettingProblems } from './component';
