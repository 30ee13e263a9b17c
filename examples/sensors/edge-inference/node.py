"""Stands for the node: sends the rows of a CSV file over MQTT, some hundred a second.

Faster, mosquitto would drop what the subscriber has not taken yet: it keeps 1000 messages for it.

python node.py today.csv [--host HOST] [--port PORT]
"""

import argparse
import csv
import json
from pathlib import Path
from threading import Event

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

parser = argparse.ArgumentParser()
parser.add_argument("file", type=Path)
parser.add_argument("--host", default="localhost")
parser.add_argument("--port", type=int, default=1883)
asked = parser.parse_args()

client = Client(CallbackAPIVersion.VERSION2)
client.connect(asked.host, asked.port)
client.loop_start()
pause = Event()
with asked.file.open(newline="") as file:
    for row in csv.DictReader(file):
        client.publish("farm/node-7", json.dumps(row), qos=1).wait_for_publish(10)
        pause.wait(0.001)
client.disconnect()
client.loop_stop()
