import { sora } from "@sora/core/vite";
import { defineConfig } from "vitest/config";

export default defineConfig({ plugins: [sora()] }); // Vite does not run decorators by itself
