// Starts the server and shows what it says. Holds no feature logic: ghost text, diagnostics and hover
// come through the language client's own standard methods.

import * as vscode from 'vscode';
import { LanguageClient, State, TransportKind, type ServerOptions } from 'vscode-languageclient/node';

let client: LanguageClient | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
    const item = vscode.window.createStatusBarItem('ropewalk', vscode.StatusBarAlignment.Right);
    item.name = 'ropewalk';
    item.command = 'ropewalk.showStatus';
    context.subscriptions.push(
        item,
        vscode.commands.registerCommand('ropewalk.restart', () => start(item)),
        vscode.commands.registerCommand('ropewalk.showStatus', showStatus),
        vscode.workspace.onDidChangeConfiguration((event) => {
            if (event.affectsConfiguration('ropewalk.server') || event.affectsConfiguration('ropewalk.model')) {
                void start(item);
            } else if (event.affectsConfiguration('ropewalk')) {
                void client?.sendNotification('workspace/didChangeConfiguration', { settings: serverOptions() });
            }
        }),
    );
    await start(item);
}

export async function deactivate(): Promise<void> {
    await client?.stop();
}

/** Starts the server, in place of the one that runs. */
async function start(item: vscode.StatusBarItem): Promise<void> {
    await client?.stop().catch(() => undefined);
    const settings = vscode.workspace.getConfiguration('ropewalk');
    const model = settings.get<string>('model', '');
    const server: ServerOptions = {
        command: settings.get<string>('server.path', 'ropewalk'),
        args: [...(model ? ['--model', model] : []), ...settings.get<string[]>('server.arguments', []), 'lsp'],
        transport: TransportKind.stdio,
    };
    client = new LanguageClient('ropewalk', 'ropewalk', server, {
        documentSelector: [{ scheme: 'file' }, { scheme: 'untitled' }, { scheme: 'vscode-notebook-cell' }],
        initializationOptions: serverOptions(),
    });
    client.onDidChangeState(({ newState }) => show(item, newState));
    try {
        await client.start();
    } catch (error) {
        show(item, State.Stopped);
        const choice = await vscode.window.showErrorMessage(
            `ropewalk did not start: ${error instanceof Error ? error.message : String(error)}`,
            'Open Settings',
        );
        if (choice) {
            await vscode.commands.executeCommand('workbench.action.openSettings', 'ropewalk.server.path');
        }
    }
}

/** The settings that the server knows, under its own names. Defaults are left out: ropewalk.toml may say otherwise. */
function serverOptions(): object {
    const settings = vscode.workspace.getConfiguration('ropewalk.inlineCompletion');
    const isSet = (key: string): boolean => {
        const values = settings.inspect(key);
        return [values?.globalValue, values?.workspaceValue].some((value) => value !== undefined);
    };
    const keys = ['enabled', 'maxTokens', 'disabledLanguages', 'disabledGlobs'].filter(isSet);
    return { inlineCompletion: Object.fromEntries(keys.map((key) => [key, settings.get(key)])) };
}

function show(item: vscode.StatusBarItem, state: State): void {
    const icon = { [State.Running]: '$(check)', [State.Starting]: '$(sync~spin)', [State.Stopped]: '$(error)' };
    item.text = `${icon[state as keyof typeof icon] ?? '$(sync~spin)'} ropewalk`;
    item.show();
}

/** What the server says of itself, in the output channel. */
async function showStatus(): Promise<void> {
    if (!client?.isRunning()) {
        await vscode.window.showWarningMessage('ropewalk is not running.');
        return;
    }
    const status = await client.sendRequest('workspace/executeCommand', { command: 'ropewalk.status', arguments: [] });
    client.outputChannel.appendLine(JSON.stringify(status, null, 2));
    client.outputChannel.show(true);
}
