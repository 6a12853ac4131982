export { metricsStoreComponent } from './component';
