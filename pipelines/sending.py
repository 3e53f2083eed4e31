"""How messages get out: by mail, and by whatever service the extra `alerts` knows (DingTalk, WeCom, Feishu, webhooks).

Here: SMTP, apprise. Not here: what is told (alerts).
"""

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from urllib.parse import unquote, urlsplit

from pipelines.alerts import Alert
from pipelines.settings import Settings

_SECONDS = 20
"""For a server to answer."""


def send(settings: Settings, alert: Alert) -> list[str]:
    """Send it on every way that the settings name; returns sentences about those that failed."""
    troubles = []
    if settings.alert_mail_to:
        try:
            _mail(settings, alert)
        except (OSError, smtplib.SMTPException, ValueError) as error:
            server = urlsplit(settings.alert_smtp).hostname or settings.alert_smtp
            reason = f"{type(error).__name__}: {error}"
            troubles.append(f"告警邮件发不出（{server}：{reason}）。 / Alert not sent by mail ({server}).")
    if settings.alert_urls:
        troubles += _notify(settings, alert)
    return troubles


def _mail(settings: Settings, alert: Alert) -> None:
    message = EmailMessage()
    to = settings.alert_mail_to.replace(",", " ").split()
    message["Subject"], message["From"], message["To"] = alert.title, settings.alert_mail_from or to[0], ", ".join(to)
    message["Date"], message["Message-ID"] = formatdate(localtime=True), make_msgid("jixiao")
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(alert.body, cte="base64")
    server = urlsplit(settings.alert_smtp)
    if server.scheme not in ("smtp", "smtps") or not server.hostname:
        raise ValueError("JIXIAO_ALERT_SMTP 应为 smtp://主机:端口 或 smtps://用户:密码@主机 / should be an smtp URL")
    context = ssl.create_default_context()
    with (
        smtplib.SMTP_SSL(server.hostname, server.port or 465, timeout=_SECONDS, context=context)
        if server.scheme == "smtps"
        else smtplib.SMTP(server.hostname, server.port or 25, timeout=_SECONDS)
    ) as smtp:
        smtp.ehlo_or_helo_if_needed()
        if server.scheme == "smtp" and (smtp.has_extn("starttls") or server.username):
            smtp.starttls(context=context)  # a password never goes out in the open
        if server.username:
            smtp.login(unquote(server.username), unquote(server.password or ""))
        smtp.send_message(message)


def _notify(settings: Settings, alert: Alert) -> list[str]:
    try:
        import apprise
    except ImportError:
        return [
            "设置了 JIXIAO_ALERT_URLS，但未安装 apprise；请在程序文件夹中运行 pip install '.[alerts]'。"
            " / JIXIAO_ALERT_URLS is set, but apprise is not installed: pip install '.[alerts]' in the checkout."
        ]
    kinds = {"failed": "failure", "stale": "warning", "attention": "warning", "recovered": "success"}
    troubles = []
    for number, url in enumerate(settings.alert_urls.split(), start=1):  # tokens stand in it: never shown
        service = apprise.Apprise()
        sent = service.add(url) and service.notify(
            title=alert.title, body=alert.body, notify_type=kinds.get(alert.kind, "info")
        )
        if not sent:
            scheme = url.partition(":")[0]
            troubles.append(
                f"告警发不出（JIXIAO_ALERT_URLS 第 {number} 个，{scheme}）。"
                f" / Alert not sent ({scheme}, number {number} of JIXIAO_ALERT_URLS)."
            )
    return troubles
