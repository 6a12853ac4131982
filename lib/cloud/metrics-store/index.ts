export { metricsStoreComponent, problemsOfSettingsUnreadByStore } from './component';
