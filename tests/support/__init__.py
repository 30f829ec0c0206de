"""What the black-box and crash tests share: starting programs, a gateway with a made-up
configuration, a small SMPP codec, an application, a carrier and a webhook receiver.
"""
