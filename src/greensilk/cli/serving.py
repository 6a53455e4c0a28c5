"""`greensilk serve` and `greensilk worker`: the platform for people and programs."""

from __future__ import annotations

import typer

from greensilk.cli.options import Langs, read_choice
from greensilk.texts import text


def add_to(app: typer.Typer) -> None:
    """Adds both commands."""
    _add_serve(app)
    _add_worker(app)


def _add_serve(app: typer.Typer) -> None:
    @app.command("serve", help=text("serving.serve_help"))
    def serve_platform(
        host: str = typer.Option("127.0.0.1", help=text("serving.host_help")),
        port: int = typer.Option(8000, min=0, max=65_535, help=text("serving.port_help")),
        demo: bool = typer.Option(False, "--demo", help=text("serving.demo_help")),
        processes: int = typer.Option(1, help=text("serving.processes_help")),
        workers: int = typer.Option(1, help=text("serving.workers_help")),
        https: bool = typer.Option(False, "--https", help=text("serving.https_help")),
        proxy: list[str] = typer.Option([], metavar="ADDRESS", help=text("serving.proxy_help")),
        log_format: str = typer.Option("text", metavar="text|json", help=text("serving.log_format_help")),
        lang: Langs = typer.Option(None, help=text("cli.lang_help")),
    ) -> None:
        from greensilk.cli.platform import platform_folder
        from greensilk.jobs.logs import LOG_FORMATS
        from greensilk.web.serving import Plan, serve
        from greensilk.web.settings import Settings

        format_ = read_choice("--log-format", log_format, {name: name for name in LOG_FORMATS})
        settings = Settings(platform_folder(), demo=demo, https=https, proxies=tuple(proxy))

        def tell_ready(address: str) -> None:
            typer.echo(text("serving.ready", address=address, folder=settings.folder))
            typer.echo(text("serving.try_demo" if demo else "serving.stop_hint"))

        typer.echo(text("serving.starting"))
        serve(Plan(settings, host, port, processes, workers, format_), tell_ready)
        typer.echo(text("serving.stopped"))


def _add_worker(app: typer.Typer) -> None:
    @app.command("worker", help=text("serving.worker_help"))
    def worker(
        name: str | None = typer.Option(None, help=text("serving.worker_name_help")),
        log_format: str = typer.Option("text", metavar="text|json", help=text("serving.log_format_help")),
        lang: Langs = typer.Option(None, help=text("cli.lang_help")),
    ) -> None:
        import signal
        import threading

        from greensilk.cli.platform import platform_folder
        from greensilk.jobs.logs import LOG_FORMATS, set_up_logs
        from greensilk.jobs.running import run_worker, stop_at_signals, worker_name
        from greensilk.web.settings import Settings

        set_up_logs(read_choice("--log-format", log_format, {name: name for name in LOG_FORMATS}))
        stop = threading.Event()
        stop_at_signals(stop, signal.SIGINT, signal.SIGTERM)
        settings = Settings(platform_folder())
        run_worker(settings.folder, settings.vault_folder, worker_name(name), stop)
