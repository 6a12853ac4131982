import { testSnapshots } from './components';

testSnapshots('victoria-metrics');
