// Takes the pictures of the guides; see pictures/guides.spec.ts.
import { defineConfig } from '@playwright/test';
import tests from './playwright.config.js';

export default defineConfig({ ...tests, testDir: './pictures', reporter: 'list' });
